data "aep_product" "lamps" {
  name = "Street lamps"
}

data "aep_firmware" "lamps" {
  product_id = data.aep_product.lamps.product_id
  version    = "10.3"
}

resource "aep_upgrade_task" "lamps" {
  product_id    = data.aep_product.lamps.product_id
  firmware_id   = data.aep_firmware.lamps.firmware_id
  name          = "Street lamps to 10.3"
  timeout_hours = 48
}
