# Fails if a provider block sets a limit that the workflows set by a variable. An
# argument of a block overrides its variable, so the limit would be lost. The input is
# the JSON of a plan, which has the blocks of all modules and aliases.
[
  .configuration.provider_config // {} | to_entries[]
  | select(.value.full_name | endswith("/aep"))
  | .key as $block
  | .value.expressions // {} | keys[]
  | select(. == "read_only" or . == "max_devices_per_run")
  | "::error::The provider block \($block) sets \(.), which overrides AEP_\(ascii_upcase) of the workflow.\n"
]
| if length > 0 then add | halt_error(1) else empty end
