# <product id>/<task id>
terraform import aep_upgrade_rollout.meters 10005977/3456
