data "aep_device_group" "north" {
  product_id = data.aep_product.meters.product_id
  name       = "north"
}

# terraform output -raw members > north.txt
output "members" {
  value = data.aep_device_group.north.device_ids_text
}
