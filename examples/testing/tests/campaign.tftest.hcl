# The provider is a mock, so no platform is needed. These are the values that the
# platform would return.
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
      status  = "pending"
    }
  }

  mock_resource "aep_upgrade_devices" {
    defaults = {
      device_count  = 1
      missing_count = 0
    }
  }

  mock_resource "aep_upgrade_rollout" {
    defaults = {
      status          = "finished"
      succeeded_count = 1
    }
  }
}

run "canary_only_by_default" {
  command = apply

  assert {
    condition     = keys(aep_upgrade_task.wave) == ["canary"] && length(aep_upgrade_rollout.rest) == 0
    error_message = "By default, the module must upgrade only 1 % of the devices."
  }

  assert {
    condition     = aep_upgrade_rollout.canary.expected_device_count == aep_upgrade_devices.wave["canary"].device_count
    error_message = "The canary must not start before all of its devices have joined."
  }

  assert {
    condition     = output.succeeded == { canary = 1 } && output.tasks["canary"] == 3456
    error_message = "The outputs must be the values of the platform."
  }
}

run "firmware_by_version" {
  command = plan

  variables {
    firmware_version = "1.4000"
  }

  override_data {
    target = data.aep_firmware.target
    values = {
      firmware_id = 3298
    }
  }

  assert {
    condition     = data.aep_firmware.target.version == "1.4000" && data.aep_firmware.target.product_id == data.aep_product.this.product_id
    error_message = "The firmware must be looked up by its version, in the product of the campaign."
  }

  assert {
    condition     = aep_upgrade_task.wave["canary"].firmware_id == 3298
    error_message = "The task must use the firmware that was found."
  }
}

run "another_protocol_is_refused" {
  command = plan

  override_data {
    target = data.aep_product.this
    values = {
      product_id = 10005986
      protocol   = "t_link"
    }
  }

  expect_failures = [aep_upgrade_task.wave["canary"]]
}

run "rest_on_demand" {
  command = apply

  variables {
    canary_only = false
  }

  assert {
    condition     = aep_upgrade_devices.wave["canary"].wave.index == 0 && aep_upgrade_devices.wave["rest"].wave.index == 1
    error_message = "Together, the waves must be the whole list."
  }

  assert {
    condition = (
      aep_upgrade_rollout.rest[0].task_id == aep_upgrade_task.wave["rest"].task_id &&
      aep_upgrade_rollout.rest[0].expected_device_count == aep_upgrade_devices.wave["rest"].device_count
    )
    error_message = "The rest must start, and not before all of its devices have joined."
  }

  assert {
    condition     = keys(output.succeeded) == ["canary", "rest"]
    error_message = "Both waves must be in the output."
  }
}
