data "aep_upgrade_task" "meters" {
  product_id    = data.aep_product.meters.product_id
  name          = "Water meters to 1.3251"
  with_progress = false
}

data "aep_upgrade_devices" "joined" {
  product_id = data.aep_upgrade_task.meters.product_id
  scope      = "joined"
  task_id    = data.aep_upgrade_task.meters.task_id
}

output "offline" {
  value = [for device in data.aep_upgrade_devices.joined.devices : device.device_id if device.net_status != 1]
}
