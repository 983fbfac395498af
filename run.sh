#!/usr/bin/env bash
# Starts Tidewire: installs what is missing, builds what changed, then becomes the server.
#
#   ./run.sh              build, then serve
#   ./run.sh VERB ...     build, then run that command of tidewire (./run.sh --help lists them)
#   ./run.sh --build      build only
#
# Progress goes to stderr. test.sh and promises/ source this file for its functions.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
artifacts=$root/artifacts
product=$artifacts/tidewire/tidewire

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
export DOTNET_GENERATE_ASPNET_CERTIFICATE=false DOTNET_CLI_UI_LANGUAGE=en
# No build process stays behind once this script has become the server.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false

say() { printf '%s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

# For tests: drops what the shell this was started from has set for Tidewire.
forget_settings() {
  local name
  for name in $(compgen -e); do
    case $name in UW_* | TIDEWIRE_* | REALTIME_* | REDIS_URL) unset "$name" ;; esac
  done
}

# ---- what has to be there ------------------------------------------------------------------------

as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    "$@"
  else
    sudo -n "$@"
  fi
}

can_install() { have apt-get && { [[ $(id -u) -eq 0 ]] || { have sudo && sudo -n true 2>/dev/null; }; }; }

# Leaves the version that apt would install of a package in $candidate: empty when it has none. Brings the package lists
# up to date once.
apt_lists_read=
apt_candidate() {
  if [[ -z $apt_lists_read ]]; then
    apt_lists_read=yes
    as_root apt-get update -qq >&2 || say "apt-get update failed; going on with the package lists that are here"
  fi
  candidate=$(apt-cache policy "$1" 2>/dev/null | awk '/Candidate:/ && $2 != "(none)" { print $2 }')
}

apt_install() {
  say "installing $*"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2 ||
    say "apt-get could not install $*"
}

has_dotnet() { have dotnet && [[ $'\n'$(dotnet --list-sdks 2>/dev/null) == *$'\n10.'* ]]; }

need_dotnet() {
  if ! has_dotnet && [[ -x ${HOME:-}/.dotnet/dotnet ]]; then PATH=$HOME/.dotnet:$PATH; fi
  if ! has_dotnet && can_install; then
    apt_candidate dotnet-sdk-10.0
    if [[ -n $candidate ]]; then apt_install dotnet-sdk-10.0; fi
  fi
  if has_dotnet; then return; fi
  say "Tidewire needs the .NET SDK 10, and it is not here. Install it in one of these ways, then start again:
  sudo apt-get install -y dotnet-sdk-10.0        (where your distribution offers it)
  curl -fsSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0
  https://dotnet.microsoft.com/download/dotnet/10.0"
  exit 1
}

has_node() { have node && have npm && [[ $(node -p 'parseInt(process.versions.node)' 2>/dev/null) -ge 20 ]]; }

need_node() {
  if has_node; then return; fi
  if can_install; then
    apt_candidate nodejs
    if [[ ${candidate#*:} =~ ^([0-9]+)\. && ${BASH_REMATCH[1]} -ge 20 ]]; then
      # Some packages of Node bring npm along; then there is nothing more to install.
      apt_install nodejs
      if ! have npm; then apt_install npm; fi
    fi
  fi
  if has_node; then return; fi
  say "Tidewire needs Node.js 20 or later with npm (found: $(node -v 2>/dev/null || echo none)). Install it from
  https://nodejs.org/en/download, or with your distribution's packages nodejs and npm where they are new enough,
  then start again."
  exit 1
}

# ---- what has to be built ------------------------------------------------------------------------

# One hash over the names and contents of all files under the given paths, relative to the root.
fingerprint() {
  (cd "$root" && find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum) | sha256sum | cut -d' ' -f1
}

server_fingerprint() {
  fingerprint src web/dashboard/src/styles/tokens.css web/dashboard/src/app/mark.svg Directory.Build.props Directory.Packages.props global.json .editorconfig BannedSymbols.txt
}

page_fingerprint() {
  fingerprint web \( -name node_modules -o -name dist -o -path web/e2e -o -name test-results -o -name coverage \) -prune -o
}

stamped() { [[ -f $artifacts/stamps/$1 && $(<"$artifacts/stamps/$1") == "$2" ]]; }
stamp() { mkdir -p "$artifacts/stamps" && printf '%s\n' "$2" >"$artifacts/stamps/$1"; }

# Runs a step with its output in a log; shows the end of it only when the step fails.
step() {
  local name=$1 log=$artifacts/logs/$1.log
  shift
  mkdir -p "$artifacts/logs"
  # Without the lock of build: a compiler server that outlives the step must not hold it.
  if "$@" >"$log" 2>&1 </dev/null 9>&-; then return; fi
  tail -n 40 "$log" >&2
  say "$name failed; the whole output is in artifacts/logs/$name.log"
  exit 1
}

in_web() { (cd "$root/web" && "$@"); }

# web/node_modules as package-lock.json says.
need_web_packages() {
  need_node
  local wanted
  wanted=$(fingerprint web/package-lock.json)
  if [[ -d $root/web/node_modules ]] && stamped npm "$wanted"; then return; fi
  say "installing the page's packages"
  step npm-ci in_web npm ci --include=dev --no-audit --no-fund
  stamp npm "$wanted"
}

publish_server() {
  local next=$artifacts/tidewire.next
  rm -rf -- "$next"
  step publish dotnet publish "$root/src/Tidewire.Server" -c Release --no-restore -o "$next"
  # The folder is swapped whole, so that a server still running from it never sees half of a new one.
  rm -rf -- "$artifacts/tidewire.old"
  if [[ -d $artifacts/tidewire ]]; then mv -- "$artifacts/tidewire" "$artifacts/tidewire.old"; fi
  mv -- "$next" "$artifacts/tidewire"
  rm -rf -- "$artifacts/tidewire.old"
}

place_page() {
  local site=$artifacts/tidewire/wwwroot
  rm -rf -- "$site.next"
  cp -R -- "$root/web/dashboard/dist" "$site.next"
  rm -rf -- "$site"
  mv -- "$site.next" "$site"
}

build_what_changed() {
  local server page='' server_due='' page_due=''
  server=$(server_fingerprint)
  if [[ ! -x $product ]] || ! stamped server "$server"; then server_due=yes; fi
  if [[ -f $root/web/package.json ]]; then
    page=$(page_fingerprint)
    if [[ ! -d $root/web/dashboard/dist ]] || ! stamped page "$page"; then page_due=yes; fi
  fi

  if [[ -n $server_due ]]; then
    need_dotnet
    say "restoring the server's packages"
    step restore dotnet restore "$root/src/Tidewire.Server"
  fi
  if [[ -n $page_due ]]; then need_web_packages; fi
  if [[ -n $server_due$page_due ]]; then say "dependencies restored"; fi

  if [[ -n $server_due ]]; then
    say "building the server"
    publish_server
    stamp server "$server"
  fi
  if [[ -n $page_due ]]; then
    say "building the page"
    step page in_web npm run build
    stamp page "$page"
  fi
  if [[ -n $page && ( -n $page_due || ! -d $artifacts/tidewire/wwwroot ) ]]; then place_page; fi
}

# Builds into artifacts/; two builds at the same time wait for each other.
build() {
  mkdir -p "$artifacts"
  (
    if have flock && ! flock -n 9; then
      say "waiting for another build of this folder"
      flock 9
    fi
    build_what_changed
  ) 9>"$artifacts/.lock"
}

# An apphost looks for the runtime in a few fixed places; say where it is when dotnet lives elsewhere.
find_runtime() {
  if [[ -n ${DOTNET_ROOT:-} ]]; then return; fi
  local home
  if ! have dotnet && [[ -x ${HOME:-}/.dotnet/dotnet ]]; then PATH=$HOME/.dotnet:$PATH; fi
  home=$(dirname -- "$(readlink -f -- "$(command -v dotnet || true)")")
  if [[ -d $home/shared/Microsoft.AspNetCore.App ]]; then export DOTNET_ROOT=$home; fi
}

main() {
  build
  if [[ ${1:-} == --build ]]; then return; fi
  find_runtime
  if [[ $# -eq 0 ]]; then set -- serve; fi
  exec "$product" "$@"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then main "$@"; fi
