terraform {
  required_version = ">= 1.8"

  required_providers {
    aep = {
      source = "ctwing/aep"
    }
  }
}

# Credentials come from the environment: AEP_APP_KEY, AEP_APP_SECRET, and
# AEP_MASTER_KEY or AEP_MASTER_KEYS.
provider "aep" {
  endpoint = "https://ag-api.ctwing.cn"
  operator = "terraform"
}

# The firmware.
resource "aep_upgrade_task" "meters" {
  product_id  = 10005977
  firmware_id = 3297
  name        = "Water meters to 1.3251"
  retry_times = 2
}

# The devices.
resource "aep_upgrade_devices" "fleet" {
  product_id      = aep_upgrade_task.meters.product_id
  task_id         = aep_upgrade_task.meters.task_id
  device_ids_file = "${path.module}/devices.txt"
}

# The start.
resource "aep_upgrade_rollout" "meters" {
  product_id            = aep_upgrade_task.meters.product_id
  task_id               = aep_upgrade_task.meters.task_id
  expected_device_count = aep_upgrade_devices.fleet.device_count
}
