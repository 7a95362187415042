data "aep_products" "meters" {
  search = "meters"
}

data "aep_firmware" "target" {
  for_each   = { for product in data.aep_products.meters.products : product.name => product.product_id }
  product_id = each.value
  version    = "1.3251"
}

resource "aep_upgrade_task" "each" {
  for_each    = data.aep_firmware.target
  product_id  = each.value.product_id
  firmware_id = each.value.firmware_id
  name        = "${each.key}, spring"
  retry_times = 2
}
