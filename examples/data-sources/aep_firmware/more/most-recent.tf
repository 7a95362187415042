data "aep_firmware" "newest" {
  product_id  = data.aep_product.meters.product_id
  version     = "1.3251"
  most_recent = true
}

output "newest" {
  value = "${data.aep_firmware.newest.name}, ${data.aep_firmware.newest.created_at}"
}
