#!/bin/bash
# Builds the programs Weir is tested and measured against, at pinned versions, outside the tree.
#
#   bench/peers/get.sh otelcol            the Collector, core components (about 1 minute)
#   bench/peers/get.sh otelcol-contrib    the Collector with contrib components (about 15 minutes)
#   bench/peers/get.sh telemetrygen       OpenTelemetry's own load generator (about 1 minute)
#   bench/peers/get.sh --have NAME        prints the path when it is built already, else fails; builds nothing
#
# Prints the path of the program and nothing else on standard output. A second call finds it in the cache,
# ${WEIR_CACHE:-~/.cache/weir}/peers/bin, and returns at once.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${WEIR_CACHE:-$HOME/.cache/weir}/peers
bin=$cache/bin
collector=v0.155.0
telemetrygen=v0.161.0
confmap=v1.61.0

usage() { sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2; }

# Fails unless Go is at least 1.$1. Older ones cannot read these modules.
need_go() {
  command -v go >/dev/null || { echo "get.sh: no go in PATH; Go 1.$1 or newer is needed" >&2; exit 3; }
  local version minor
  version=$(GOTOOLCHAIN=local go env GOVERSION)
  minor=$(sed -n 's/^go1\.\([0-9]*\).*/\1/p' <<<"$version")
  [ "${minor:-0}" -ge "$1" ] || { echo "get.sh: Go is $version; 1.$1 or newer is needed" >&2; exit 3; }
}

builder() {
  [ -x "$bin/builder" ] || GOBIN=$bin go install "go.opentelemetry.io/collector/cmd/builder@$collector" >&2
}

# The build happens beside the goal and arrives by rename, so that an interrupted one leaves no half program.
publish() { mv "$1" "$bin/$2"; }

get_otelcol() {
  need_go 25
  builder
  local work=$cache/src/otelcol
  mkdir -p "$work"
  cp "$here/otelcol.yaml" "$work/builder.yaml"
  (cd "$work" && "$bin/builder" --config builder.yaml >&2)
  publish "$work/otelcol" otelcol
}

get_otelcol-contrib() {
  need_go 25
  builder
  local work=$cache/src/otelcol-contrib
  mkdir -p "$work"
  cp "$here/otelcol-contrib.yaml" "$work/builder.yaml"
  (
    cd "$work"
    "$bin/builder" --config builder.yaml --skip-get-modules --skip-compilation >&2
    rm -f go.mod go.sum
    go mod init weir/peers/otelcol-contrib >&2
    sed -n 's/^ *- gomod: \([^ ]*\) \(.*\)/\1@\2/p' builder.yaml >modules.txt
    for provider in env file http https yaml; do
      echo "go.opentelemetry.io/collector/confmap/provider/${provider}provider@$confmap" >>modules.txt
    done
    echo "go.opentelemetry.io/collector/confmap@$confmap" >>modules.txt
    echo "go.opentelemetry.io/collector/otelcol@$collector" >>modules.txt
    xargs go get <modules.txt >&2
    GOFLAGS="-mod=mod -p=1 -buildvcs=false" nice -n 19 go build -trimpath -ldflags=-s -o otelcol-contrib . >&2
  )
  publish "$work/otelcol-contrib" otelcol-contrib
}

get_telemetrygen() {
  need_go 25
  local part=$cache/part
  mkdir -p "$part"
  GOBIN=$part go install \
    "github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen@$telemetrygen" >&2
  publish "$part/telemetrygen" telemetrygen
}

only_look=
if [ "${1:-}" = --have ]; then only_look=1; shift; fi
[ $# = 1 ] || usage
case $1 in otelcol | otelcol-contrib | telemetrygen) ;; *) usage ;; esac
mkdir -p "$bin"
if [ ! -x "$bin/$1" ]; then
  [ -z "$only_look" ] || { echo "get.sh: $1 is not built; run $0 $1" >&2; exit 4; }
  "get_$1"
fi
echo "$bin/$1"
