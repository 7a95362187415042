# terraform apply -invoke action.aep_upgrade_retry.failed
action "aep_upgrade_retry" "failed" {
  config {
    product_id = 10005977
    task_id    = 3456
    all_failed = true
  }
}

# Retries only devices that failed with this code, and does not wait for them.
action "aep_upgrade_retry" "out_of_reach" {
  config {
    product_id   = 10005977
    task_id      = 3456
    all_failed   = true
    result_codes = ["5000"]
    wait         = false
  }
}
