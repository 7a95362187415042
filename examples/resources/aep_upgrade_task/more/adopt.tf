resource "aep_upgrade_task" "meters" {
  product_id     = data.aep_product.meters.product_id
  firmware_id    = data.aep_firmware.target.firmware_id
  name           = "Water meters to 1.3251"
  retry_times    = 2
  adopt_existing = true
}
