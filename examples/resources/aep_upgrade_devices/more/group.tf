data "aep_device_group" "north" {
  product_id = data.aep_product.meters.product_id
  name       = "north"
}

resource "aep_upgrade_devices" "north" {
  product_id      = aep_upgrade_task.meters.product_id
  task_id         = aep_upgrade_task.meters.task_id
  name            = "north"
  device_group_id = data.aep_device_group.north.group_id
}
