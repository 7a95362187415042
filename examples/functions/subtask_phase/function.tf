# "succeeded"
output "phase" {
  value = provider::aep::subtask_phase("lwm2m", 8, "2019")
}
