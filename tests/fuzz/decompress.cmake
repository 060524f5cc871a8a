weir_fuzz(decompress SOURCES decompress_fuzz.cc DEPS net)
