# Shared by the promises that run an SDK's driver: sourced after lib.sh, never run.
#
# Every SDK: whether its driver is `due` (then a missing one breaks the promise) or comes `later`, its name, the file that must
# be there, and the function that prints the command.
drivers=(
  'due   TypeScript web/sdk/conformance/driver.mjs                                  typescript_driver'
  'due   .NET       tests/Tidewire.ConformanceDriver/Tidewire.ConformanceDriver.csproj dotnet_driver'
)

typescript_driver() {
  need_web_packages
  step sdk in_web npm run build -w sdk
  printf 'node %q' "$root/web/sdk/conformance/driver.mjs"
}
dotnet_driver() { printf '%q' "$(test_program Tidewire.ConformanceDriver)"; }

# each_driver FUNCTION: calls it with name and command of each driver that is there.
each_driver() {
  local driver due name file command
  need_dotnet
  find_runtime
  for driver in "${drivers[@]}"; do
    read -r due name file command <<<"$driver"
    if [[ -e $root/$file ]]; then
      "$1" "$name" "$("$command")"
    elif [[ $due == due ]]; then
      not_kept "$name has no driver: $file is missing"
    else
      echo "$name: no driver yet"
    fi
  done
}
