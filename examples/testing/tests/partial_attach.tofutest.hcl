# The test of partial_attach.tftest.hcl for OpenTofu, which reads this file instead.
# A mock of OpenTofu is known in the plan, so the plan fails, and not the apply.
mock_provider "aep" {
  mock_data "aep_product" {
    defaults = {
      product_id = 10005977
      protocol   = "lwm2m"
    }
  }

  mock_data "aep_firmware" {
    defaults = {
      firmware_id = 3297
    }
  }

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
  command = plan

  expect_failures = [aep_upgrade_devices.wave["canary"]]
}
