# A campaign without an id from the console.
data "aep_product" "meters" {
  name = "Water meters"
}

data "aep_firmware" "target" {
  product_id = data.aep_product.meters.product_id
  version    = "1.3251"
}

resource "aep_upgrade_task" "spring" {
  product_id  = data.aep_product.meters.product_id
  firmware_id = data.aep_firmware.target.firmware_id
  name        = "Water meters to ${data.aep_firmware.target.version}, spring"
  retry_times = 2
}
