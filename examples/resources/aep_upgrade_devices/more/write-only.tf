# A file in the place of a response of an inventory system.
locals {
  inventory = jsondecode(file("${path.module}/devices.json"))
}

resource "aep_upgrade_devices" "inventory" {
  product_id    = aep_upgrade_task.meters.product_id
  task_id       = aep_upgrade_task.meters.task_id
  name          = "inventory"
  device_ids_wo = local.inventory.devices
}
