data "aep_devices" "offline" {
  product_id = data.aep_product.meters.product_id
  online     = false
}

output "offline_since" {
  value = { for device in data.aep_devices.offline.devices : device.device_id => device.offline_at }
}
