resource "aep_upgrade_task" "either" {
  product_id    = data.aep_product.meters.product_id
  firmware_id   = data.aep_firmware.target.firmware_id
  name          = "Water meters, either protocol"
  retry_times   = data.aep_product.meters.protocol == "lwm2m" ? 2 : null
  timeout_hours = data.aep_product.meters.protocol == "t_link" ? 48 : null
}
