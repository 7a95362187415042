# A product by its name. Its protocol decides which setting a task takes:
# retry_times for LwM2M, timeout_hours for T-Link.
data "aep_product" "meters" {
  name = "Water meters"

  lifecycle {
    postcondition {
      condition     = self.protocol == "lwm2m"
      error_message = "${self.name} uses ${self.protocol}: a task takes timeout_hours instead of retry_times."
    }
  }
}

output "product_id" {
  value = data.aep_product.meters.product_id
}
