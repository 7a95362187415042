# The emergency brake: terraform apply -invoke action.aep_upgrade_cancel.all
action "aep_upgrade_cancel" "all" {
  config {
    product_id = 10005977
    task_id    = 3456
    all        = true
  }
}

# Only what has not begun; what is being upgraded may finish.
action "aep_upgrade_cancel" "waiting" {
  config {
    product_id = 10005977
    task_id    = 3456
    all        = true
    phases     = ["waiting"]
  }
}

# Devices from a file, one id a line.
action "aep_upgrade_cancel" "some" {
  config {
    product_id      = 10005977
    task_id         = 3456
    device_ids_file = "${path.module}/recalled.txt"
  }
}
