locals {
  # One device of 100, 9 of 100, and the rest.
  weights = { canary = 1, early = 9, rest = 90 }
  order   = ["canary", "early", "rest"]
}

resource "aep_upgrade_task" "wave" {
  for_each    = local.weights
  product_id  = data.aep_product.meters.product_id
  firmware_id = data.aep_firmware.target.firmware_id
  name        = "Water meters to 1.3251, ${each.key}"
  retry_times = 2
}

resource "aep_upgrade_devices" "wave" {
  for_each        = aep_upgrade_task.wave
  product_id      = each.value.product_id
  task_id         = each.value.task_id
  device_ids_file = "${path.module}/devices.txt"

  wave = {
    weights = [for name in local.order : local.weights[name]]
    index   = index(local.order, each.key)
    seed    = "meters 1.3251"
  }
}
