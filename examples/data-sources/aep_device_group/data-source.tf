# The devices of a group, attached to a task.
data "aep_product" "meters" {
  name = "Water meters"
}

data "aep_firmware" "target" {
  product_id = data.aep_product.meters.product_id
  version    = "1.3251"
}

data "aep_device_group" "north" {
  product_id = data.aep_product.meters.product_id
  name       = "north"
}

resource "aep_upgrade_task" "north" {
  product_id  = data.aep_product.meters.product_id
  firmware_id = data.aep_firmware.target.firmware_id
  name        = "Water meters in the north"
  retry_times = 2
}

resource "aep_upgrade_devices" "north" {
  product_id      = data.aep_product.meters.product_id
  task_id         = aep_upgrade_task.north.task_id
  device_group_id = data.aep_device_group.north.group_id
}

output "members" {
  value = data.aep_device_group.north.member_count
}
