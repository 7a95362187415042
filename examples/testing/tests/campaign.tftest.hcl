# The provider is a mock: no platform is asked, and what the platform would
# decide has the values that stand here.
mock_provider "aep" {
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

run "canary_alone_by_default" {
  command = apply

  assert {
    condition     = length(aep_upgrade_task.wave) == 1 && can(aep_upgrade_task.wave["canary"])
    error_message = "Without being told so, the module touches one device in a hundred."
  }

  assert {
    condition     = aep_upgrade_rollout.canary.expected_device_count == aep_upgrade_devices.wave["canary"].device_count
    error_message = "The canary must not start before all of its devices have joined."
  }

  assert {
    condition     = output.succeeded == 1 && output.tasks["canary"] == 3456
    error_message = "The outputs tell what the platform told."
  }
}

run "rest_on_demand" {
  command = apply

  variables {
    canary_only = false
  }

  assert {
    condition     = aep_upgrade_devices.wave["canary"].wave.index == 0 && aep_upgrade_devices.wave["rest"].wave.index == 1
    error_message = "Together the waves are the whole list."
  }
}
