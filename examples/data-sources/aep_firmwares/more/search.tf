data "aep_firmwares" "fixes" {
  product_id = data.aep_product.meters.product_id
  search     = "fix"
}

output "fixes" {
  value = [for firmware in data.aep_firmwares.fixes.firmwares : "${firmware.name} ${firmware.version}"]
}
