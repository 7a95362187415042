data "aep_product" "meters" {
  name = "Water meters"
}

data "aep_firmware" "target" {
  product_id = data.aep_product.meters.product_id
  version    = "1.3251"
}

# The task that was created in the console.
data "aep_upgrade_task" "existing" {
  product_id = data.aep_product.meters.product_id
  name       = "Water meters to 1.3251"
}

import {
  to = aep_upgrade_task.meters
  id = provider::aep::task_id(data.aep_product.meters.product_id, data.aep_upgrade_task.existing.task_id)
}

resource "aep_upgrade_task" "meters" {
  product_id  = data.aep_product.meters.product_id
  firmware_id = data.aep_firmware.target.firmware_id
  name        = "Water meters to 1.3251"
  retry_times = 2
}
