#!/usr/bin/env bash
# Installs the Debian packages that building and testing need; see --help.
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: cmake/packages.sh [--print] GROUP...

Installs the Debian (or Ubuntu) packages of the groups that are not installed yet, as root or with
sudo. When nothing is missing it does nothing.

  --print   only print the names of the missing packages

Groups:
  build     compiler, cmake, ninja, pkg-config, ccache, and libraries for the components
  test      what the tests and benchmarks need besides
  example   what the examples need besides
USAGE
}

packages_of() {
  case $1 in
    build) echo g++ cmake ninja-build pkg-config ccache nlohmann-json3-dev libfmt-dev libcli11-dev ;;
    test)
      echo catch2 libfmt-dev libasio-dev nlohmann-json3-dev libbenchmark-dev clang-19 \
        libclang-rt-19-dev libcurl4-openssl-dev libcpp-httplib-dev tzdata ;;
    example)
      echo libfmt-dev libasio-dev nlohmann-json3-dev libcurl4-openssl-dev libcpp-httplib-dev ;;
    *) echo "packages.sh: no group '$1'" >&2; return 2 ;;
  esac
}

print_only=no
wanted=()
for argument in "$@"; do
  case $argument in
    -h | --help) usage; exit 0 ;;
    --print) print_only=yes ;;
    *) group=$(packages_of "$argument") || { usage >&2; exit 2; }
       read -ra names <<<"$group"
       wanted+=("${names[@]}") ;;
  esac
done
[ ${#wanted[@]} -gt 0 ] || { usage >&2; exit 2; }

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo "packages.sh: not a Debian or Ubuntu system. Needed are the equivalents of: ${wanted[*]}" >&2
  [ "$print_only" = no ] || exit 0
  for tool in c++ cmake ninja; do
    command -v "$tool" >/dev/null || { echo "packages.sh: $tool is not there" >&2; exit 1; }
  done
  echo "packages.sh: the tools are there, going on" >&2
  exit 0
fi

# dpkg-query fails when it does not know one of the names; what it prints is right all the same.
installed=" $(dpkg-query -W -f '${db:Status-Status}=${Package} ' "${wanted[@]}" 2>/dev/null || true)"
missing=()
for package in "${wanted[@]}"; do
  case "$installed ${missing[*]-} " in
    *" installed=$package "* | *" $package "*) ;;
    *) missing+=("$package") ;;
  esac
done
[ ${#missing[@]} -gt 0 ] || exit 0
if [ "$print_only" = yes ]; then
  printf '%s\n' "${missing[@]}"
  exit 0
fi

as_root=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || {
    echo "packages.sh: neither root nor sudo; as root run: apt-get install ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi
apt() {
  ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -o DPkg::Lock::Timeout=300 "$@" </dev/null >&2
}

echo "packages.sh: installing ${missing[*]}" >&2
apt update || echo "packages.sh: no fresh package lists, trying with those that are there" >&2
apt install -y --no-install-recommends "${missing[@]}"
