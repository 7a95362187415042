resource "aep_upgrade_task" "meters" {
  product_id  = 10005977
  firmware_id = 3297
  name        = "Water meters to 1.3251"
  description = "Fixes the valve that sticks below 2 °C"
  retry_times = 2
}
