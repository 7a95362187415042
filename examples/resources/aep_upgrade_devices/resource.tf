# From a file, for fleets of any size.
resource "aep_upgrade_devices" "fleet" {
  product_id      = aep_upgrade_task.meters.product_id
  task_id         = aep_upgrade_task.meters.task_id
  device_ids_file = "${path.module}/devices.txt"
}

# A list, for the few that go first. The set has a name of its own, so that both
# can share a task.
resource "aep_upgrade_devices" "canary" {
  product_id = aep_upgrade_task.meters.product_id
  task_id    = aep_upgrade_task.meters.task_id
  name       = "canary"
  device_ids = [
    "f11853c1e650682625c4cc57eb85601b",
    "ceab0e4b5fa8fd06548273db67ff589d",
  ]
}
