# shellcheck shell=bash disable=SC2034 # The lists are used by the scripts that source this.
# System packages and the Rust toolchain: what the scripts need, and how a fresh Debian or Ubuntu machine gets it.
#
# To be sourced. Installs nothing without being root or having asked; where everything is there it says nothing.

# Each entry is PACKAGE=PROBE. On Debian and Ubuntu the package counts; elsewhere the probe does:
# cmd:NAME is on the path, lib:SONAME is known to the dynamic linker, py:MODULE can be imported.

# To build: the C parts of ring, zstd, lz4 and blake3. Nothing is linked from the system but libc.
# ca-certificates because cargo fetches over TLS.
readonly BUILD_PACKAGES=(
  gcc=cmd:cc
  libc6-dev=cmd:cc
  ca-certificates=cmd:cc
)

# To open a window: the program loads these by name when it starts.
# mesa-vulkan-drivers has the drivers of AMD and Intel and, for every other machine, the software renderer lavapipe.
readonly RUN_PACKAGES=(
  libvulkan1=lib:libvulkan.so.1
  mesa-vulkan-drivers=lib:libvulkan.so.1
  libx11-6=lib:libX11.so.6
  libx11-xcb1=lib:libX11-xcb.so.1
  libxcursor1=lib:libXcursor.so.1
  libxi6=lib:libXi.so.6
  libxkbcommon0=lib:libxkbcommon.so.0
  libxkbcommon-x11-0=lib:libxkbcommon-x11.so.0
)

# To test: a real broker, certificates, a display without a screen, clicks, pictures, and the Python example.
readonly TEST_PACKAGES=(
  mosquitto=cmd:mosquitto
  mosquitto-clients=cmd:mosquitto_sub
  openssl=cmd:openssl
  xvfb=cmd:Xvfb
  xauth=cmd:xauth
  xdotool=cmd:xdotool
  imagemagick=cmd:import
  procps=cmd:pgrep
  python3=cmd:python3
  python3-paho-mqtt=py:paho.mqtt.client
)

# The Khronos glTF validator runs on Node.js. Many machines have one that is not the distribution's.
readonly NODE_PACKAGES=(nodejs=cmd:node npm=cmd:npm)
readonly NODE_VERSION=18

# version_at_least HAVE WANTED
version_at_least() {
  [[ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" == "$2" ]]
}

# Is there a Node.js that will do, with npm?
has_node() {
  local version
  version=$(node --version 2>/dev/null) || return 1
  command -v npm >/dev/null && version_at_least "${version#v}" "$NODE_VERSION"
}

is_debian() {
  command -v dpkg-query >/dev/null && command -v apt-get >/dev/null
}

# probe cmd:NAME|lib:SONAME|py:MODULE
probe() {
  local what=${1#*:}
  case $1 in
    # Debian keeps servers in /usr/sbin, which is not on a user's path.
    cmd:*) PATH="$PATH:/usr/sbin:/sbin" command -v "$what" >/dev/null ;;
    # Read whole: with `grep -q`, ldconfig would end on a closed pipe and `pipefail` would call that a failure.
    lib:*) PATH="$PATH:/usr/sbin:/sbin" ldconfig -p 2>/dev/null | grep -F "$what " >/dev/null ;;
    py:*) python3 -c "import $what" 2>/dev/null ;;
  esac
}

# Prints the packages among the given PACKAGE=PROBE that are not there, one a line.
missing_packages() {
  local entry installed
  if is_debian; then
    # One call for all of them. A name that dpkg has never heard of makes it fail and is not printed.
    installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${@%%=*}" 2>/dev/null || true)
    for entry in "$@"; do
      grep -qx "installed ${entry%%=*}" <<<"$installed" || echo "${entry%%=*}"
    done
  else
    for entry in "$@"; do
      probe "${entry#*=}" || echo "${entry%%=*}"
    done
  fi
}

# ensure_packages PURPOSE PACKAGE=PROBE…
#
# Fast and silent where all are there. As root it installs what is missing; as a user it asks before it calls sudo;
# without a terminal to ask on it fails with the command to type.
ensure_packages() {
  local purpose=$1 names answer missing
  shift
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  names=${missing[*]}

  if ! is_debian; then
    cat >&2 <<MESSAGE
$purpose needs what these Debian packages hold, and it was not found on this machine:
  $names
Install your system's packages for them. \`cargo run\` works without this check.
MESSAGE
    return 1
  fi

  local install="apt-get update && apt-get install -y --no-install-recommends $names"
  if ((EUID == 0)); then
    echo "Installing for $purpose: $names"
    apt_install "${missing[@]}"
    return
  fi

  local with_sudo="sudo apt-get update && sudo apt-get install -y --no-install-recommends $names"
  if ! command -v sudo >/dev/null; then
    printf '%s needs packages that are missing. As root, type:\n  %s\n' "$purpose" "$install" >&2
    return 1
  fi
  if [[ ! -t 0 ]]; then
    printf '%s needs packages that are missing. Type:\n  %s\n' "$purpose" "$with_sudo" >&2
    return 1
  fi
  printf '%s needs packages that are missing:\n  %s\nThis would install them:\n  %s\n' \
    "$purpose" "$names" "$with_sudo"
  read -r -p "Install them now? [y/N] " answer || answer=
  if [[ $answer != [yY]* ]]; then
    echo "Nothing was installed." >&2
    return 1
  fi
  apt_install "${missing[@]}"
}

# Installs, as root or through sudo. Waits a while for another package manager to end.
apt_install() {
  local as_root=(env)
  ((EUID == 0)) || as_root=(sudo env)
  local apt=("${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300)
  if ! { "${apt[@]}" -qq update && "${apt[@]}" -qq install -y --no-install-recommends "$@"; }; then
    cat >&2 <<MESSAGE
The packages could not be installed: $*
On Ubuntu some of them are in the "universe" component: sudo add-apt-repository universe
MESSAGE
    return 1
  fi
}

# Packages for a Node.js, only where there is none that will do.
ensure_node() {
  has_node && return 0
  ensure_packages "$1" "${NODE_PACKAGES[@]}" || return 1
  if ! has_node; then
    cat >&2 <<MESSAGE
$1 needs Node.js $NODE_VERSION or newer with npm; this machine has $(node --version 2>&1), and its system has no newer one.
Install one from https://nodejs.org and run this again.
MESSAGE
    return 1
  fi
}

# cargo, at least the version that Cargo.toml names. The working directory is the repository's root.
ensure_rust() {
  local wanted have
  wanted=$(sed -n 's/^rust-version *= *"\([0-9.]*\)".*/\1/p' Cargo.toml)
  # Who has just installed Rust may not have it on this shell's path yet.
  if ! command -v cargo >/dev/null && [[ -x ${CARGO_HOME:-$HOME/.cargo}/bin/cargo ]]; then
    export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
  fi
  if ! command -v cargo >/dev/null; then
    echo "Rust is missing: install $wanted or newer from https://rustup.rs and run this again." >&2
    return 1
  fi
  have=$(rustc --version) || return 1
  have=${have#rustc }
  have=${have%% *}
  if ! version_at_least "${have%%-*}" "$wanted"; then
    cat >&2 <<MESSAGE
Rust $wanted or newer is needed, this is $have ($(command -v rustc)).
With rustup: rustup update stable. Without: https://rustup.rs
MESSAGE
    return 1
  fi
}

# rustfmt and clippy, which a minimal installation leaves out.
ensure_rust_tools() {
  local tool
  for tool in rustfmt clippy-driver; do
    if ! "$tool" --version >/dev/null 2>&1; then
      echo "$tool is missing. With rustup: rustup component add rustfmt clippy" >&2
      return 1
    fi
  done
}
