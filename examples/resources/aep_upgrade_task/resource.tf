# An LwM2M product uses retry_times.
resource "aep_upgrade_task" "meters" {
  product_id  = 10005977
  firmware_id = 3297
  name        = "Water meters to 1.3251"
  description = "Fixes the valve that sticks below 2 °C"
  retry_times = 2
}

# A T-Link product uses timeout_hours.
resource "aep_upgrade_task" "televisions" {
  product_id    = 10005986
  firmware_id   = 3275
  name          = "Televisions to 10.3"
  timeout_hours = 48
}
