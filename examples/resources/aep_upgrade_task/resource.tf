data "aep_product" "meters" {
  name = "Water meters"
}

data "aep_firmware" "meters" {
  product_id = data.aep_product.meters.product_id
  version    = "1.3251"
}

# An LwM2M product uses retry_times.
resource "aep_upgrade_task" "meters" {
  product_id  = data.aep_product.meters.product_id
  firmware_id = data.aep_firmware.meters.firmware_id
  name        = "Water meters to 1.3251"
  description = "Fixes the valve that sticks below 2 °C"
  retry_times = 2
}

data "aep_product" "lamps" {
  name = "Street lamps"
}

data "aep_firmware" "lamps" {
  product_id = data.aep_product.lamps.product_id
  version    = "10.3"
}

# A T-Link product uses timeout_hours.
resource "aep_upgrade_task" "lamps" {
  product_id    = data.aep_product.lamps.product_id
  firmware_id   = data.aep_firmware.lamps.firmware_id
  name          = "Street lamps to 10.3"
  timeout_hours = 48
}
