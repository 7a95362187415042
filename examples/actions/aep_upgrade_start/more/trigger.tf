data "aep_product" "meters" {
  name = "Water meters"
}

data "aep_firmware" "target" {
  product_id = data.aep_product.meters.product_id
  version    = "1.3251"
}

resource "aep_upgrade_task" "meters" {
  product_id  = data.aep_product.meters.product_id
  firmware_id = data.aep_firmware.target.firmware_id
  name        = "Water meters to 1.3251"
  retry_times = 2
}

resource "aep_upgrade_devices" "fleet" {
  product_id      = aep_upgrade_task.meters.product_id
  task_id         = aep_upgrade_task.meters.task_id
  device_ids_file = "${path.module}/devices.txt"
}

# Is created once, after the devices are attached. The action may not refer to the
# resource that triggers it, so the set itself is no trigger.
resource "terraform_data" "attached" {
  input = aep_upgrade_devices.fleet.id

  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.aep_upgrade_start.meters]
    }
  }
}

action "aep_upgrade_start" "meters" {
  config {
    product_id            = aep_upgrade_task.meters.product_id
    task_id               = aep_upgrade_task.meters.task_id
    expected_device_count = aep_upgrade_devices.fleet.device_count
    wait_for              = "finished"
  }
}
