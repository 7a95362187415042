# How many devices of a product run which firmware version.
data "aep_product" "meters" {
  name = "Water meters"
}

data "aep_devices" "meters" {
  product_id  = data.aep_product.meters.product_id
  max_results = 20000

  lifecycle {
    postcondition {
      condition     = !self.truncated
      error_message = "The product has ${self.total} devices; counts_by_version covers only 20000 of them."
    }
  }
}

output "versions" {
  value = data.aep_devices.meters.counts_by_version
}
