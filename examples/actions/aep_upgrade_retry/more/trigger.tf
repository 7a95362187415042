data "aep_product" "meters" {
  name = "Water meters"
}

data "aep_upgrade_task" "meters" {
  product_id = data.aep_product.meters.product_id
  name       = "Water meters to 1.3251"
}

variable "round" {
  type    = number
  default = 1
}

resource "terraform_data" "round" {
  input = var.round

  lifecycle {
    action_trigger {
      events  = [after_update]
      actions = [action.aep_upgrade_retry.round]
    }
  }
}

action "aep_upgrade_retry" "round" {
  config {
    product_id = data.aep_upgrade_task.meters.product_id
    task_id    = data.aep_upgrade_task.meters.task_id
    all_failed = true
  }
}
