#!/bin/bash
# Runs one end-to-end suite against the program named by WEIR_BINARY (Weir, or a real Collector in its place):
#
#   tests/e2e/run.sh fields | python_sdk | js_sdk | go_sdk | java_sdk | telemetrygen | shutdown | hostile |
#                   prometheus_scrape | crash [--long]
#
# What a suite needs is installed once, at pinned versions, into ${WEIR_CACHE:-~/.cache/weir}/e2e. Where python3,
# node or another tool is missing, its cases are skipped and counted. Prints `N passed, N failed, N skipped`; exit
# code 0, 1 when something failed, 77 when everything was skipped.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
peers=$here/../../bench/peers/get.sh
cache=${WEIR_CACHE:-$HOME/.cache/weir}/e2e
suite=${1:?the name of a suite}
: "${WEIR_BINARY:?the program under test}"
mkdir -p "$cache"

# Skips every case of the suite: $1 how many, $2 why.
skip_all() {
  echo "skipped $1: $2"
  echo "0 passed, 0 failed, $1 skipped"
  exit 77
}

cases_of() {
  case $1 in
    fields) echo 33 ;; python_sdk) echo 12 ;; js_sdk) echo 18 ;; go_sdk) echo 12 ;; java_sdk) echo 12 ;;
    telemetrygen) echo 6 ;; shutdown) echo 2 ;; crash) echo 1 ;; hostile) echo 9 ;; prometheus_scrape) echo 5 ;;
    *) echo "unknown suite: $1" >&2; exit 2 ;;
  esac
}
count=$(cases_of "$suite") || exit 2

# Prints a folder that holds what `$2...` installs into it, made anew whenever the text of file $1 changes.
# The command gets the folder as its last argument; the folder appears under its name only when it is whole.
installed() {
  local file=$1; shift
  local folder
  folder=$cache/$suite_tool-$(sha256sum "$file" | cut -c1-16)
  if [ ! -d "$folder" ]; then
    local part=$folder.part.$$
    mkdir -p "$part"
    "$@" "$part" >"$cache/$suite_tool.log" 2>&1 || { rm -rf "$part"; return 1; }
    mv -T "$part" "$folder" 2>/dev/null || rm -rf "$part"   # another run may have been first
  fi
  echo "$folder"
}

install_python() { python3 -m pip install --quiet --disable-pip-version-check --requirement "$here/requirements.txt" --target "$1"; }
install_js() { cp "$here"/js/package.json "$here"/js/package-lock.json "$1" && npm ci --prefix "$1" --no-audit --no-fund; }
# A newer node than Debian's, from the registry.
install_node() { npm install --prefix "$1" --no-audit --no-fund "node@$(cat "$here/js/node-version")"; }
install_go() { cp "$here"/go/* "$1" && (cd "$1" && GOFLAGS="-mod=readonly -buildvcs=false" go build -o emit .); }
install_java() {
  cp "$here"/java/pom.xml "$1" && (cd "$1" && mvn --quiet --batch-mode dependency:copy-dependencies -DoutputDirectory=jars)
}

# The first line of a log that tells what went wrong.
reason() { grep -i -m 1 error "$1" || tail -1 "$1"; }

suite_tool=python
command -v python3 >/dev/null || skip_all "$count" "python3 is missing"
python=$(installed "$here/requirements.txt" install_python) ||
  skip_all "$count" "the Python packages could not be installed: $(reason "$cache/python.log")"
export PYTHONPATH=$python PYTHONDONTWRITEBYTECODE=1

case $suite in
  fields)
    COLLECTOR_BINARY=$("$peers" --have otelcol 2>/dev/null) && export COLLECTOR_BINARY
    ;;
  telemetrygen)
    TELEMETRYGEN_BINARY=$("$peers" --have telemetrygen 2>/dev/null) && export TELEMETRYGEN_BINARY
    ;;
  js_sdk)
    suite_tool=js
    command -v npm >/dev/null || skip_all "$count" "node or npm is missing"
    if [ "$(node --version | sed 's/^v\([0-9]*\).*/\1/')" -lt 20 ]; then
      folder=$(installed "$here/js/node-version" install_node) ||
        skip_all "$count" "node is $(node --version), and 20 could not be had: $(reason "$cache/js.log")"
      export PATH=$folder/node_modules/.bin:$PATH
    fi
    folder=$(installed "$here/js/package-lock.json" install_js) ||
      skip_all "$count" "the npm packages could not be installed: $(reason "$cache/js.log")"
    # Modules are looked up beside the file that imports them.
    cp "$here/js/emit.mjs" "$folder/"
    export EMIT_FOLDER=$folder EMIT_COMMAND="node emit.mjs"
    ;;
  go_sdk)
    suite_tool=go
    command -v go >/dev/null || skip_all "$count" "go is missing"
    folder=$(cat "$here"/go/* >"$cache/go.text" && installed "$cache/go.text" install_go) ||
      skip_all "$count" "the Go program could not be built: $(reason "$cache/go.log")"
    export EMIT_FOLDER=$folder EMIT_COMMAND="./emit"
    ;;
  java_sdk)
    suite_tool=java
    command -v mvn >/dev/null && command -v java >/dev/null || skip_all "$count" "java or maven is missing"
    folder=$(installed "$here/java/pom.xml" install_java) ||
      skip_all "$count" "the Java packages could not be had: $(reason "$cache/java.log")"
    cp "$here/java/Emit.java" "$folder/"
    export EMIT_FOLDER=$folder EMIT_COMMAND="java -cp jars/* Emit.java"
    ;;
esac

script=$here/${suite}_test.py
[ "$suite" = crash ] && script=$here/../crash/crash_test.py
cd "$here" && exec python3 "$script" "${@:2}"
