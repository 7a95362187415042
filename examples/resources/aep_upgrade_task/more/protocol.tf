resource "aep_upgrade_task" "meters" {
  product_id  = data.aep_product.meters.product_id
  firmware_id = data.aep_firmware.target.firmware_id
  name        = "Water meters to 1.3251"
  retry_times = 2

  lifecycle {
    precondition {
      condition     = data.aep_product.meters.protocol == "lwm2m"
      error_message = "retry_times is for LwM2M. This product uses ${data.aep_product.meters.protocol}."
    }
  }
}
