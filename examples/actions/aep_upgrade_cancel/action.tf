# Cancels all devices: terraform apply -invoke action.aep_upgrade_cancel.all
action "aep_upgrade_cancel" "all" {
  config {
    product_id = 10005977
    task_id    = 3456
    all        = true
  }
}

# Cancels only devices whose upgrade has not begun.
action "aep_upgrade_cancel" "waiting" {
  config {
    product_id = 10005977
    task_id    = 3456
    all        = true
    phases     = ["waiting"]
  }
}

# Cancels the devices of a file with one id a line.
action "aep_upgrade_cancel" "some" {
  config {
    product_id      = 10005977
    task_id         = 3456
    device_ids_file = "${path.module}/recalled.txt"
  }
}
