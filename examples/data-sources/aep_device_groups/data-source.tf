# Groups with devices of several products, by name.
data "aep_device_groups" "shared" {
  level = 1
}

output "shared" {
  value = { for group in data.aep_device_groups.shared.groups : group.name => group.group_id }
}
