data "aep_device_groups" "meters" {
  product_id = data.aep_product.meters.product_id
  level      = 0
}

output "groups" {
  value = data.aep_device_groups.meters.groups[*].name
}
