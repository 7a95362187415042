data "aep_product" "meters" {
  name = "Water meters"
}

data "aep_upgrade_task" "meters" {
  product_id = data.aep_product.meters.product_id
  name       = "Water meters to 1.3251"
}

# Retries all failed devices.
action "aep_upgrade_retry" "failed" {
  config {
    product_id = data.aep_upgrade_task.meters.product_id
    task_id    = data.aep_upgrade_task.meters.task_id
    all_failed = true
  }
}

# Retries only devices that failed with this code, and does not wait for them.
action "aep_upgrade_retry" "out_of_reach" {
  config {
    product_id   = data.aep_upgrade_task.meters.product_id
    task_id      = data.aep_upgrade_task.meters.task_id
    all_failed   = true
    result_codes = ["5000"]
    wait         = false
  }
}
