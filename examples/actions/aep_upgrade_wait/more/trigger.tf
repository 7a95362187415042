data "aep_product" "meters" {
  name = "Water meters"
}

data "aep_upgrade_task" "meters" {
  product_id = data.aep_product.meters.product_id
  name       = "Water meters to 1.3251"
}

resource "aep_upgrade_rollout" "meters" {
  product_id            = data.aep_upgrade_task.meters.product_id
  task_id               = data.aep_upgrade_task.meters.task_id
  expected_device_count = 40

  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.aep_upgrade_wait.meters]
    }
  }
}

action "aep_upgrade_wait" "meters" {
  config {
    product_id              = data.aep_upgrade_task.meters.product_id
    task_id                 = data.aep_upgrade_task.meters.task_id
    wait_for                = "finished"
    minimum_success_percent = 95

    timeouts {
      invoke = "12h"
    }
  }
}
