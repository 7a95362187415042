# The firmware of a product: the id of each version.
data "aep_product" "meters" {
  name = "Water meters"
}

data "aep_firmwares" "meters" {
  product_id = data.aep_product.meters.product_id
}

output "firmware_ids" {
  value = data.aep_firmwares.meters.by_version
}
