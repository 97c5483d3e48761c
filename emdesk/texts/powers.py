"""What laws of elliptical groups say where they take powers of their columns."""

TEMPLATES = {
    "power.transformation": "Transform",
    "power.transformation_help": (
        "Whether the groups are elliptical in the columns as they are, or in a power of them (Box and Cox), which "
        "bends skewed groups straight. The power is estimated with all else, or given."
    ),
    "power.none": "None",
    "power.none_help": "The columns as they are.",
    "power.common-power": "Common power",
    "power.common-power_help": "One power for all components, estimated.",
    "power.power-each": "Power each",
    "power.power-each_help": "Every component has its own power, estimated.",
    "power.given-power": "Given power",
    "power.given-power_help": "The power is given and stays as it is.",
    "power.power": "Power",
    "power.power_help": (
        "The given power of the columns: 1 changes nothing, 0.5 is the square root, 0 the logarithm. Values below zero "
        "keep their sign and need a power above 0."
    ),
    "power.zero": "column {name} holds 0 in row {row}, and a power gives 0 no density",
    "power.zero_remedy": "Leave the rows with 0 out, add a constant to the column, or choose the transformation None",
    "power.needs_power": "column {name} holds {value} in row {row}, and a logarithm takes values above zero",
    "power.needs_power_remedy": "Choose a power above 0, or estimate it",
    "power.out_of_range": "the power {power} of column {name} is beyond the numbers that a computer holds",
    "power.out_of_range_remedy": "Give a smaller power, or change the column's unit",
    "power.given_value": "the power of component {component} is {value}; it must be from {low} to {high}",
    "power.given_pivot": "the pivot of column {column} is {value}; it must be above zero",
    "power.centre": "Centre",
    "power.scale": "Scale",
    "power.shown": "Power",
}
