data "aep_product" "meters" {
  name = "Water meters"
}

data "aep_upgrade_task" "meters" {
  product_id = data.aep_product.meters.product_id
  name       = "Water meters to 1.3251"
}

# Cancels all devices.
action "aep_upgrade_cancel" "all" {
  config {
    product_id = data.aep_upgrade_task.meters.product_id
    task_id    = data.aep_upgrade_task.meters.task_id
    all        = true
  }
}

# Cancels only devices whose upgrade has not begun.
action "aep_upgrade_cancel" "waiting" {
  config {
    product_id = data.aep_upgrade_task.meters.product_id
    task_id    = data.aep_upgrade_task.meters.task_id
    all        = true
    phases     = ["waiting"]
  }
}

# Cancels the devices of a file with one id a line.
action "aep_upgrade_cancel" "some" {
  config {
    product_id      = data.aep_upgrade_task.meters.product_id
    task_id         = data.aep_upgrade_task.meters.task_id
    device_ids_file = "${path.module}/recalled.txt"
  }
}
