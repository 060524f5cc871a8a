weir_fuzz(journal SOURCES journal_fuzz.cc ../support/sim_fs.cc DEPS storage_journal)
