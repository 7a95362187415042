# All LwM2M products, with the number of their devices.
data "aep_products" "lwm2m" {
  protocol = "lwm2m"
}

output "devices" {
  value = { for product in data.aep_products.lwm2m.products : product.name => product.device_count }
}
