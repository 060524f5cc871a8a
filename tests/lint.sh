#!/bin/bash
# Format and lint of the C++ files that changed since WEIR_LINT_BASE (default HEAD~1) or are not committed;
# --all: of every file. clang-tidy reads compile commands of build/dev, and at most WEIR_TIDY_MAX files
# (default 12), because each costs seconds.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "${1:-}" = --all ]; then
  files=$(git ls-files '*.cc' '*.h')
else
  base=${WEIR_LINT_BASE:-HEAD~1}
  git rev-parse -q --verify "$base" >/dev/null || base=$(git hash-object -t tree /dev/null)
  files=$( { git diff --name-only --diff-filter=d "$base" -- '*.cc' '*.h'; git ls-files -o --exclude-standard '*.cc' '*.h'; } | sort -u)
fi
[ -n "$files" ] || { echo "lint: nothing changed"; exit 0; }

unformatted=$(xargs -r clang-format-14 --dry-run -Werror 2>&1 <<<"$files" | grep -oE '^[^:]+\.(cc|h)' | sort -u || true)
if [ -n "$unformatted" ]; then
  echo "lint: clang-format-14 -i these:"
  echo "$unformatted"
  exit 1
fi
echo "lint: format of $(wc -l <<<"$files") files is right"

sources=$(grep '\.cc$' <<<"$files" | grep -v '^bench/' | while read -r f; do
  grep -qF "/$f\"" build/dev/compile_commands.json 2>/dev/null && echo "$f"
done | head -n "${WEIR_TIDY_MAX:-12}" || true)
[ -n "$sources" ] || exit 0
xargs -r -P "$(nproc)" -n 1 clang-tidy-14 --quiet -p build/dev \
  --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-unused-command-line-argument <<<"$sources" 2>/dev/null
echo "lint: clang-tidy of $(wc -l <<<"$sources") files found nothing"
