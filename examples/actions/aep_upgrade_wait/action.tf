data "aep_product" "meters" {
  name = "Water meters"
}

data "aep_upgrade_task" "meters" {
  product_id = data.aep_product.meters.product_id
  name       = "Water meters to 1.3251"
}

# Waits for the end of a task that was started in the console. The action fails
# if less than 95 % of the devices have succeeded.
action "aep_upgrade_wait" "meters" {
  config {
    product_id              = data.aep_upgrade_task.meters.product_id
    task_id                 = data.aep_upgrade_task.meters.task_id
    wait_for                = "finished"
    minimum_success_percent = 95
    poll_interval           = "1m"

    timeouts {
      invoke = "12h"
    }
  }
}
