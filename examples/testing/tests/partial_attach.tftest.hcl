# A mock can simulate a failure of the platform. Here one device of each wave
# can't join.
mock_provider "aep" {
  # The mock sets numbers without a default to 0, which is not a task id.
  mock_resource "aep_upgrade_task" {
    defaults = {
      task_id = 3456
    }
  }

  mock_resource "aep_upgrade_devices" {
    defaults = {
      device_count  = 2
      missing_count = 1
    }
  }
}

run "nothing_starts_while_devices_are_missing" {
  command = apply

  expect_failures = [aep_upgrade_devices.wave["canary"]]
}
