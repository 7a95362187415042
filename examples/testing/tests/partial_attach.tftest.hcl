# What goes wrong on a platform can be played as well: here one device of each
# wave may not join.
mock_provider "aep" {
  # A mock makes every number 0 that it is not told, and 0 is no task.
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
