data "aep_product" "meters" {
  name = "Water meters"
}

data "aep_upgrade_task" "meters" {
  product_id = data.aep_product.meters.product_id
  name       = "Water meters to 1.3251"
}

variable "stop" {
  type    = bool
  default = false
}

resource "terraform_data" "stop" {
  input = var.stop

  lifecycle {
    action_trigger {
      condition = var.stop
      events    = [after_create, after_update]
      actions   = [action.aep_upgrade_cancel.stopped]
    }
  }
}

action "aep_upgrade_cancel" "stopped" {
  config {
    product_id = data.aep_upgrade_task.meters.product_id
    task_id    = data.aep_upgrade_task.meters.task_id
    all        = true
  }
}
